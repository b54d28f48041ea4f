// IP addresses and address ranges: parsing from text and membership, for trusted peers and ClientIP rules.

/** A range of addresses. IPv4-mapped IPv6 addresses and ranges count as IPv4. */
export interface CidrRange {
  /** 4: one group of 32 bits; 6: four groups. */
  readonly family: 4 | 6;
  /** The network address in groups of 32 bits, host bits cleared. */
  readonly groups: readonly number[];
  /** One mask per group. */
  readonly masks: readonly number[];
  /** Length of the prefix in bits, within the family. */
  readonly bits: number;
}

/** An address as groups of 32 bits: one for IPv4, four for IPv6. Mapped IPv4 addresses have one group. */
export type IpGroups = readonly number[];

const MAPPED_PREFIX_BITS = 96;

/**
 * Reads an address, without brackets. A zone (`%eth0`) is ignored.
 * @returns undefined when the text is not an address
 */
export function parseIp(text: string): IpGroups | undefined {
  if (!text.includes(":")) {
    const group = parseIpv4(text);
    return group === undefined ? undefined : [group];
  }
  const groups = parseIpv6(text);
  if (groups === undefined) return undefined;
  const [first, second, third, fourth] = groups;
  const mapped = first === 0 && second === 0 && third === 0xffff && fourth !== undefined;
  return mapped ? [fourth] : groups;
}

/**
 * Reads `10.0.0.0/8`, `fd00::/8` or a single address, which is a range of one. Host bits are cleared, as Go does.
 * @returns undefined when the text is neither
 */
export function parseCidr(text: string): CidrRange | undefined {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const ip = address.includes("%") ? undefined : parseIp(address);
  if (ip === undefined) return undefined;
  const width = ip.length * 32;
  let bits = width;
  if (slash >= 0) {
    const suffix = text.slice(slash + 1);
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(suffix)) return undefined;
    const mapped = width === 32 && address.includes(":");
    bits = mapped ? Number(suffix) - MAPPED_PREFIX_BITS : Number(suffix);
    if (bits < 0 || bits > width) return undefined;
  }
  const masks = ip.map((_, index) => maskOf(bits - index * 32));
  return {
    family: width === 32 ? 4 : 6,
    groups: ip.map((group, index) => (group & (masks[index] ?? 0)) >>> 0),
    masks,
    bits,
  };
}

/** Tells whether an address lies in a range. */
export function rangeContains(range: CidrRange, ip: IpGroups): boolean {
  const { groups, masks } = range;
  if (ip.length !== groups.length) return false;
  for (let index = 0; index < groups.length; index++) {
    if (((ip[index] ?? 0) & (masks[index] ?? 0)) >>> 0 !== groups[index]) return false;
  }
  return true;
}

/** Ranges that are asked with textual addresses. */
export interface CidrSet {
  /** @param ip textual, as `Address.ip` has it; anything that is no address is in no range */
  contains(ip: string): boolean;
}

/**
 * Makes a set of ranges. The last answer is remembered: requests of one connection ask for the same address.
 * @param ranges as {@link parseCidr} gave them
 */
export function createCidrSet(ranges: readonly CidrRange[]): CidrSet {
  let lastIp = "";
  let lastAnswer = false;
  return {
    contains(ip) {
      if (ranges.length === 0) return false;
      if (ip === lastIp) return lastAnswer;
      const groups = parseIp(ip);
      lastIp = ip;
      lastAnswer = groups !== undefined && ranges.some((range) => rangeContains(range, groups));
      return lastAnswer;
    },
  };
}

function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? 0xffffffff : (0xffffffff << (32 - bits)) >>> 0;
}

function parseIpv4(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0;
  for (const part of parts) {
    // Leading zeros are refused: some programs read them as octal.
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

function parseIpv6(text: string): number[] | undefined {
  const zone = text.indexOf("%");
  if (zone === 0 || zone === text.length - 1) return undefined;
  const halves = (zone < 0 ? text : text.slice(0, zone)).split("::");
  if (halves.length > 2) return undefined;
  const [left = "", right] = halves;
  const head = parseHextets(left, right === undefined);
  const tail = right === undefined ? [] : parseHextets(right, true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return [0, 2, 4, 6].map((at) => ((all[at] ?? 0) * 0x10000 + (all[at + 1] ?? 0)) >>> 0);
}

function parseHextets(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === "") return [];
  const hextets: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (part.includes(".")) {
      const group = mayEndInIpv4 && index === parts.length - 1 ? parseIpv4(part) : undefined;
      if (group === undefined) return undefined;
      hextets.push(group >>> 16, group & 0xffff);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) hextets.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return hextets;
}
