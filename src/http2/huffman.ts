// The Huffman code of HPACK: RFC 7541 §5.2 and Appendix B.

/** Bits of each octet's code and, last, of the end mark; in base 36. The code is canonical, so that these suffice. */
const LENGTHS = [
  "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca",
  "d67777777777777777777777878djde6f56565666577666567655677777fbeds",
  "kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn",
  "qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq",
  "u",
].join("");
const END_MARK = 256;
const LONGEST = 30;

/** Codes and their lengths by octet. */
const codes = new Uint32Array(END_MARK + 1);
const lengths = new Uint8Array(END_MARK + 1);

/** Codes of one length follow one another, and those of the next length follow them. */
function assignCodes(): void {
  let code = 0;
  for (let length = 1; length <= LONGEST; length++) {
    for (let symbol = 0; symbol <= END_MARK; symbol++) {
      if (Number.parseInt(LENGTHS.charAt(symbol), 36) !== length) continue;
      codes[symbol] = code++;
      lengths[symbol] = length;
    }
    code *= 2;
  }
}

/**
 * The decoder reads four bits at a time: what a nibble does in a state. A state is an inner node of the code's tree.
 * ```
 * bits  0 to 7   8         9         10     16 to 23
 *       state    may end   a symbol  error  the symbol
 * ```
 */
const steps = new Uint32Array(256 * 16);
const MAY_END = 1 << 8;
const SYMBOL = 1 << 9;
const BROKEN = 1 << 10;

/** A node's two children: another node, or a symbol as its complement. */
interface Node {
  readonly index: number;
  /** Ones alone lead here, at most seven: what may pad the last octet. */
  readonly pads: boolean;
  readonly children: [Node | number, Node | number];
}

function buildTree(): readonly Node[] {
  const root: Node = { index: 0, pads: true, children: [0, 0] };
  const nodes = [root];
  for (let symbol = 0; symbol <= END_MARK; symbol++) {
    const code = codes[symbol] ?? 0;
    const length = lengths[symbol] ?? 0;
    let node = root;
    for (let bit = length - 1; bit >= 0; bit--) {
      const side = (code >>> bit) & 1;
      const child = node.children[side === 1 ? 1 : 0];
      if (bit === 0) node.children[side === 1 ? 1 : 0] = ~symbol;
      else if (typeof child !== "number") node = child;
      else {
        const pads = node.pads && side === 1 && length - bit <= 7;
        const next: Node = { index: nodes.length, pads, children: [0, 0] };
        nodes.push(next);
        node.children[side === 1 ? 1 : 0] = next;
        node = next;
      }
    }
  }
  return nodes;
}

function buildSteps(): void {
  assignCodes();
  const nodes = buildTree();
  const root = nodes[0];
  if (root === undefined) return;
  for (const start of nodes) {
    for (let nibble = 0; nibble < 16; nibble++) steps[start.index * 16 + nibble] = stepFrom(start, nibble, root);
  }
}

function stepFrom(start: Node, nibble: number, root: Node): number {
  let node = start;
  let step = 0;
  for (let bit = 3; bit >= 0; bit--) {
    const child = node.children[((nibble >>> bit) & 1) === 1 ? 1 : 0];
    if (typeof child !== "number") {
      node = child;
      continue;
    }
    if (~child === END_MARK) return BROKEN;
    step |= SYMBOL | (~child << 16);
    node = root;
  }
  return step | node.index | (node.pads ? MAY_END : 0);
}

buildSteps();

const PIECE = 128; // symbols turned into text at a time
const symbols: number[] = [];

/** @returns the text, latin1; undefined for a broken code */
export function decodeHuffman(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = "";
  let step = MAY_END;
  symbols.length = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    step = steps[((step & 255) << 4) | (byte >>> 4)] ?? BROKEN;
    if ((step & SYMBOL) !== 0) symbols.push(step >>> 16);
    if ((step & BROKEN) !== 0) return undefined;
    step = steps[((step & 255) << 4) | (byte & 15)] ?? BROKEN;
    if ((step & SYMBOL) !== 0) symbols.push(step >>> 16);
    if ((step & BROKEN) !== 0) return undefined;
    if (symbols.length < PIECE) continue;
    text += String.fromCharCode.apply(undefined, symbols);
    symbols.length = 0;
  }
  if ((step & MAY_END) === 0) return undefined;
  return symbols.length === 0 ? text : text + String.fromCharCode.apply(undefined, symbols);
}

/** Bytes that a text takes when coded. @param text latin1 */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let at = 0; at < text.length; at++) bits += lengths[text.charCodeAt(at) & 255] ?? 0;
  return (bits + 7) >>> 3;
}

/**
 * Writes a text, coded.
 * @param text latin1
 * @returns the index behind its last byte
 */
export function encodeHuffman(text: string, bytes: Uint8Array, start: number): number {
  let at = start;
  let pending = 0; // bits not yet written, fewer than 8 between symbols
  let held = 0;
  for (let index = 0; index < text.length; index++) {
    const symbol = text.charCodeAt(index) & 255;
    const code = codes[symbol] ?? 0;
    let length = lengths[symbol] ?? 0;
    if (length > 16) { // in two parts, because 7 bits and 30 are more than a number's 32
      length -= 16;
      held = (held << length) | (code >>> 16);
      for (pending += length; pending >= 8;) bytes[at++] = held >>> (pending -= 8);
      held = (held & 0xff) << 16 | (code & 0xffff);
      length = 16;
    } else held = (held << length) | code;
    for (pending += length; pending >= 8;) bytes[at++] = held >>> (pending -= 8);
    held &= 0xff;
  }
  if (pending > 0) bytes[at++] = (held << (8 - pending)) | (0xff >>> pending);
  return at;
}
