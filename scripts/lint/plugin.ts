// The lint plugin of the house, loaded by deno.json: STYLE as far as a tool can tell.

import { toDenoRules } from "./context.ts";
import { noBareError, noConsole, noRuntimeGlobal, noTypeEscape } from "./rules/core.ts";
import { exportDoc, fileName, importTableRule, noBarrel, noDefaultExport, openingComment } from "./rules/modules.ts";
import { fileSize, functionSize } from "./rules/sizes.ts";

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: toDenoRules({
    "import-table": importTableRule,
    "no-default-export": noDefaultExport,
    "no-barrel": noBarrel,
    "file-name": fileName,
    "opening-comment": openingComment,
    "export-doc": exportDoc,
    "file-size": fileSize,
    "function-size": functionSize,
    "no-type-escape": noTypeEscape,
    "no-runtime-global": noRuntimeGlobal,
    "no-console": noConsole,
    "no-bare-error": noBareError,
  }),
};

export default plugin;
