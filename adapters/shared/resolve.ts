// Host names → one IP address, by the system's resolver; an address is its own answer.

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

/** @throws the resolver's error, with a `code` as ENOTFOUND */
export async function resolveHost(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  const { address } = await lookup(host);
  return address;
}
