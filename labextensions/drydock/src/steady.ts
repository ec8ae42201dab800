/** How requests are sent; the browser's own, or one that asks it. */
export type Fetch = (input: Request, init?: RequestInit) => Promise<Response>;

const WAITS = [100, 400, 1500]; // milliseconds

/**
 * Ask again when a question to the server was cut off. A browser on the machine that runs the containers drops open requests
 * whenever a network interface comes or goes (ERR_NETWORK_CHANGED), which is what starting a container does. Only what changes
 * nothing is asked again.
 */
export function steady(send: Fetch, waits: readonly number[] = WAITS): Fetch {
  return async (input, init) => {
    const method = (init?.method ?? input.method).toUpperCase();
    for (const wait of method === 'GET' || method === 'HEAD' ? waits : []) {
      try {
        return await send(input.clone(), init);
      } catch (error) {
        if (!(error instanceof TypeError)) {
          throw error; // somebody gave up on it
        }
        await new Promise(done => setTimeout(done, wait));
      }
    }
    return send(input, init);
  };
}
