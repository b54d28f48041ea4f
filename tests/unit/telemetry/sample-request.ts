// A request for tests that need one and care about a few fields only.

import { HeaderList } from "../../../src/http/header-list.ts";
import { ProxyRequest } from "../../../src/http/request.ts";
import type { RequestParts } from "../../../src/http/request.ts";

/** A GET of http://app.test/ from 10.0.0.9, with the given parts instead. */
export function sampleRequest(parts: Partial<RequestParts> = {}): ProxyRequest {
  const path = parts.path ?? "/";
  return new ProxyRequest({
    method: "GET",
    scheme: "http",
    authority: "app.test",
    rawTarget: `${path}${parts.search ?? ""}`,
    path,
    search: "",
    protocol: "HTTP/1.1",
    headers: new HeaderList(),
    body: undefined,
    remote: { ip: "10.0.0.9", port: 40000 },
    local: { ip: "10.0.0.1", port: 80 },
    entryPoint: "web",
    tls: undefined,
    startedAt: 0,
    ...parts,
  });
}
