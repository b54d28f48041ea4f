// The program's entry on this runtime.

import { main } from "../../src/cli.ts";
import { runtime } from "./runtime.ts";

await main(runtime);
