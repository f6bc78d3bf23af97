/** Deno 2.8 and newer keep a program that has not all rights away from `/proc` and `/dev/full`. */
export const SOURCE_IS_CONFINED = !Deno.env.has("COAX_BIN") &&
  !Deno.version.deno.startsWith("2.7.");

/** What coax says where an address is taken: by whom too, where the system tells. */
export function addressInUse(pid: number): RegExp {
  const tells = Deno.build.os === "linux" && !SOURCE_IS_CONFINED;
  const holder = tells ? `; \\S+ \\(process ${pid}\\) has it` : "";
  return new RegExp(`^coax: listen \\S+: address in use${holder}\\n$`);
}
