/** A home behind NAT, and a world that it reaches: three network namespaces, which need root. */
import { run } from "./namespaces.ts";

/** Addresses of both ends of the two links. */
const HOME = "10.77.1.2";
const INSIDE = "10.77.1.1";
const OUTSIDE = "10.77.2.1";
export const WORLD = "10.77.2.2";

/** What the router does: connections begin at home, and look like its own in the world. */
const RULES = `
  add table ip nat
  add chain ip nat out { type nat hook postrouting priority 100; }
  add rule ip nat out oifname outside masquerade
  add table ip filter
  add chain ip filter pass { type filter hook forward priority 0; policy drop; }
  add rule ip filter pass iifname inside accept
  add rule ip filter pass ct state established,related accept
`;

export class Nat implements AsyncDisposable {
  readonly #name = `coax-${Deno.pid}`;

  static async make(): Promise<Nat> {
    const nat = new Nat();
    try {
      await nat.#build();
    } catch (error) {
      await nat[Symbol.asyncDispose]();
      throw error;
    }
    return nat;
  }

  /** Words before a program that runs at home, on the router, or in the world. */
  at(place: "home" | "router" | "world"): string[] {
    return ["ip", "netns", "exec", `${this.#name}-${place}`];
  }

  /** Drops all that would pass the router from now on, or lets it pass again. */
  async setBlackHole(isOn: boolean): Promise<void> {
    await run([...this.at("router"), "sysctl", "-qw", `net.ipv4.ip_forward=${isOn ? 0 : 1}`]);
  }

  async #build(): Promise<void> {
    const [home, router, world] = ["home", "router", "world"].map((one) => `${this.#name}-${one}`);
    const link = async (from: string, name: string, address: string, to: string, at: string) => {
      const peer = ["peer", "name", "eth0", "netns", to];
      await run(["ip", "link", "add", name, "netns", from, "type", "veth", ...peer]);
      await run(["ip", "-n", from, "address", "add", `${address}/24`, "dev", name]);
      await run(["ip", "-n", to, "address", "add", `${at}/24`, "dev", "eth0"]);
      await run(["ip", "-n", from, "link", "set", name, "up"]);
      await run(["ip", "-n", to, "link", "set", "eth0", "up"]);
    };
    for (const name of [home!, router!, world!]) {
      await run(["ip", "netns", "add", name]);
      await run(["ip", "-n", name, "link", "set", "lo", "up"]);
    }
    await link(router!, "inside", INSIDE, home!, HOME);
    await link(router!, "outside", OUTSIDE, world!, WORLD);
    await run(["ip", "-n", home!, "route", "add", "default", "via", INSIDE]);
    await this.setBlackHole(false);
    await run([...this.at("router"), "nft", RULES]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const place of ["home", "router", "world"]) {
      await run(["ip", "netns", "delete", `${this.#name}-${place}`]).catch(() => {});
    }
  }
}
