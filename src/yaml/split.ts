// Cuts a YAML stream into its documents, so that a broken one does not take the others with it.

/** The text of one document of a stream. */
export interface DocumentText {
  readonly text: string;
  /** The line of the stream (from 1) that `text` begins on. */
  readonly line: number;
}

// `---` in column 0 always begins a document, whatever surrounds it; directives before it belong to it.
const MARKER = /^(?:%[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n|%[^\n]*\n)*)?---(?=\s|$)/gm;

/** Cuts before every document marker. Texts that hold only comments are kept: they parse to no document. */
export function splitDocuments(stream: string): DocumentText[] {
  const text = stream.startsWith("\uFEFF") ? stream.slice(1) : stream;
  const documents: DocumentText[] = [];
  let from = 0;
  let line = 1;
  const cut = (to: number): void => {
    const piece = text.slice(from, to);
    if (piece.trim() !== "") documents.push({ text: piece, line });
    line += piece.split("\n").length - 1;
    from = to;
  };
  for (const match of text.matchAll(MARKER)) {
    if (match.index === 0 || text[match.index - 1] === "\n") cut(match.index);
  }
  cut(text.length);
  return documents;
}
