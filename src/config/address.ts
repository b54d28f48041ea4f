// Addresses: of entry points, `[host]:port[/tcp|/udp]`, and of servers, `host:port`.

/** Where an entry point listens. */
export interface EntryPointAddress {
  /** Without brackets; empty: all addresses. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly protocol: "tcp" | "udp";
}

const ADDRESS = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^[\]:/\s]*)):([0-9]{1,5})(?:\/(tcp|udp))?$/i;

/** Reads an address; the protocol may be in any case, and is tcp when missing. @returns undefined when it is none */
export function parseEntryPointAddress(text: string): EntryPointAddress | undefined {
  const match = ADDRESS.exec(text.trim());
  if (match === null) return undefined;
  const [, bracketed, plain, digits, protocol] = match;
  const port = Number(digits);
  if (port > 65535 || (bracketed !== undefined && !bracketed.includes(":"))) return undefined;
  return { host: bracketed ?? plain ?? "", port, protocol: protocol?.toLowerCase() === "udp" ? "udp" : "tcp" };
}

/** Prints an address as configuration has it. */
export function formatEntryPointAddress({ host, port, protocol }: EntryPointAddress): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return `${name}:${port}${protocol === "udp" ? "/udp" : ""}`;
}

/** Reads a server's address: a host is wanted, and a port that is not 0. @returns undefined when it is none */
export function parseServerAddress(text: string): { readonly host: string; readonly port: number } | undefined {
  const address = /\/(?:tcp|udp)$/i.test(text) ? undefined : parseEntryPointAddress(text);
  return address === undefined || address.host === "" || address.port === 0 ? undefined : address;
}
