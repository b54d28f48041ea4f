// Objects as one text of YAML documents, as kubectl takes it.

import { stringify } from "#yaml";

/** One document per object; the keys stand in the order of the objects. */
export function toManifestText(objects: readonly object[]): string {
  return objects.map((object) => stringify(object)).join("---\n");
}
