/** What coax says of an address that another process listens on. */
import { SOURCE_IS_CONFINED } from "./confinement.ts";

/** What coax says where an address is taken: by whom too, where the system tells. */
export function addressInUse(pid: number): RegExp {
  const tells = Deno.build.os === "linux" && !SOURCE_IS_CONFINED;
  const holder = tells ? `; \\S+ \\(process ${pid}\\) has it` : "";
  return new RegExp(`^coax: listen \\S+: address in use${holder}\\n$`);
}
