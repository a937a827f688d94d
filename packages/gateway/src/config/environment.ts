/** The environment, read in one place. Variables steer nothing that weakens (T-039): only paths, and values for `${env:…}`. */
export const environment = (): Readonly<Record<string, string | undefined>> => process.env
