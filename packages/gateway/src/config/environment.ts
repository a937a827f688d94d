/** The environment, read in one place. Variables steer nothing that weakens (T-039): only paths, and values for `${env:…}`. */
export const environment = (): Readonly<Record<string, string | undefined>> => process.env

/** The library that draws the terminal reads these as it is loaded and then draws nothing until its end. */
const NO_DRAWING = ['CI', 'CONTINUOUS_INTEGRATION']

/** For a command that starts on a terminal only, and so has somebody who looks, whatever started it. */
export function drawWhateverRunsThis(): void {
  for (const name of NO_DRAWING) delete process.env[name]
}
