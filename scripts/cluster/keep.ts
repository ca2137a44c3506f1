import type { Cluster } from "./cluster";
import { isAlive } from "../system/processes";
import { describeFailure } from "../system/problem";

const lookEvery = 1_000;

/**
 * Starts a cluster and starts it again when it ends without being asked to, on the port that everybody knows. A server
 * that was taken over from an earlier start is not our child, so its process is looked at instead of waited for.
 */
export async function keepCluster(
  name: string,
  start: (port?: number) => Promise<Cluster>,
  say: (line: string) => void,
): Promise<Cluster> {
  const first = await start();
  let current = first;
  let stopping = false;
  let restart: Promise<void> | undefined;

  const look = setInterval(() => {
    if (stopping || restart || isAlive(current.pid)) return;
    say(`  ! PostgreSQL (${name}) ended by itself; starting it again`);
    restart = start(first.port)
      .then((cluster) => {
        current = cluster;
      })
      .catch((error: unknown) => say(`  ! PostgreSQL (${name}): ${describeFailure(error)}`))
      .finally(() => {
        restart = undefined;
      });
  }, lookEvery);
  look.unref();

  return {
    ...first,
    stop: async () => {
      stopping = true;
      clearInterval(look);
      await restart;
      await current.stop();
    },
  };
}
