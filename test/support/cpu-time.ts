/**
 * Processor time of this process since it started, in milliseconds: what work costs, however busy the machine is. Tests of what
 * must not take forever are held to it, not to the clock.
 */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
