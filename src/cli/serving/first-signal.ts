import { EXIT } from "../output.ts";

/** Waits for SIGTERM or SIGINT; a second one ends the program at once, whatever is under way. */
export function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false;
    const stop = (): void => {
      if (isStopping) process.exit(EXIT.refused);
      isStopping = true;
      resolve();
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}
