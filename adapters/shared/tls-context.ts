// Options of TLS as the core has them → as node:tls wants them, and contexts made of them.

import { createHash, randomBytes } from "node:crypto";
import * as constants from "node:constants";
import { createSecureContext } from "node:tls";
import type { SecureContext, SecureContextOptions, SecureVersion } from "node:tls";
import { ProxyError } from "../../src/net/error.ts";
import { readCertificates } from "../../src/net/certificate.ts";
import type { SecureSettings, TlsBounds, TlsIdentity, TlsVersion } from "../../src/net/tls.ts";
