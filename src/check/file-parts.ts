// Routing in files: decoded document by document, with every part's place remembered.

import { decodeDynamic } from "../config/decode.ts";
import { ConfigurationJoiner } from "../config/join.ts";
import type { SourceDocument } from "../config/source-document.ts";
import type { ProviderState } from "../provider/provider.ts";
import { type FieldPath, isMapping } from "../schema/path.ts";
import type { Problem, Source } from "../schema/problem.ts";
import { describePlace, positionOf } from "./finding.ts";

/** Where a part of a file stands. */
export interface PartPlace {
  readonly document: SourceDocument;
  readonly path: FieldPath;
}

/** All files of the file provider as one. */
export interface FileParts {
  readonly state: ProviderState;
  /** The document and path of a part, by its source. */
  readonly placeOf: (source: Source | undefined) => PartPlace | undefined;
  /** Names of all parts, those that could not be decoded included. */
  readonly names: ReadonlySet<string>;
}

/** Decodes all documents. */
export function readFileParts(documents: readonly SourceDocument[]): FileParts {
  const places = new Map<string, PartPlace>();
  const problems: Problem[] = [];
  const joiner = new ConfigurationJoiner();
  for (const document of documents) {
    const sourceOf = (path: FieldPath, at: "key" | "value"): Source => {
      const source = document.sourceOf(path, at);
      if (at === "key") places.set(keyOf(source), { document, path });
      return source;
    };
    const decoded = decodeDynamic(document.value, { sourceOf });
    problems.push(...decoded.problems, ...joiner.add(decoded.configuration));
  }
  return {
    state: { configuration: joiner.configuration, problems },
    placeOf: (source) => source && places.get(keyOf(source)),
    names: new Set(documents.flatMap(({ value }) => partNames(value))),
  };
}

/** Keys below `http.services` and the like. */
function partNames(document: unknown): string[] {
  return fieldsOf(document).flatMap((protocol) =>
    fieldsOf(protocol).flatMap((section) => Object.keys(asMapping(section)))
  );
}

function fieldsOf(value: unknown): unknown[] {
  return Object.values(asMapping(value));
}

function asMapping(value: unknown): Record<string, unknown> {
  return isMapping(value) ? value : {};
}

function keyOf(source: Source): string {
  const position = positionOf({ severity: "error", code: "", message: "", source });
  return position === undefined ? "" : describePlace(position);
}
