// How far the tests reach into the folders where a hole is a hole in the boundary (AC-7.3.5, E-04).

/** Folders under the gateway's sources; each has to be over the bar by itself. */
export const FOLDERS = ['boundary', 'control', 'execution', 'custody']
/** Per cent of lines, and of branches; more than that is wanted. */
export const BAR = 90

const PLACE = /(?:^|\/)packages\/gateway\/src\/([^/]+)\//

/**
 * @param summary file → how many lines and branches there are, and were taken
 * @returns the four folders with their per cents, and the files that are not over the bar, worst first
 */
export function judge(summary) {
  const measured = Object.entries(summary)
    .filter(([file]) => FOLDERS.includes(PLACE.exec(file)?.[1]))
    .map(([file, counts]) => ({ file: file.slice(file.indexOf('packages/gateway/src/')), ...counts }))
  const folders = FOLDERS.map((folder) => {
    const files = measured.filter(({ file }) => PLACE.exec(file)[1] === folder)
    return { folder, files: files.length, ...verdict(share(files, 'lines'), share(files, 'branches')) }
  })
  const low = measured
    .map(({ file, lines, branches }) => ({
      file,
      ...verdict(share([{ lines }], 'lines'), share([{ branches }], 'branches')),
    }))
    .filter(({ passed }) => !passed)
    .toSorted((a, b) => Math.min(a.lines, a.branches) - Math.min(b.lines, b.branches))
  return { bar: BAR, passed: folders.every(({ passed }) => passed), folders, low }
}

const verdict = (lines, branches) => ({ lines, branches, passed: lines > BAR && branches > BAR })

/** Per cent; a folder of which nothing was measured is not covered, a file without branches is. */
function share(files, kind) {
  const sum = (what) => files.reduce((total, counts) => total + counts[kind][what], 0)
  const total = sum('total')
  if (total === 0) return files.length === 0 ? 0 : 100
  return Math.floor((10_000 * sum('covered')) / total) / 100
}

/** The table, and below it what is not over the bar. */
export function tableOf({ bar, folders, low }) {
  const row = (name, lines, branches, end) => `${name.padEnd(12)}${lines.padStart(9)}${branches.padStart(11)}  ${end}`
  const per = (value) => `${value.toFixed(2)} %`
  return [
    row('folder', 'lines', 'branches', 'bar     verdict'),
    ...folders.map(({ folder, lines, branches, passed }) =>
      row(folder, per(lines), per(branches), `> ${bar} %  ${passed ? 'passed' : 'BELOW'}`),
    ),
    ...(low.length === 0 ? [] : ['', 'Files that are not over the bar by themselves:']),
    ...low.map(({ file, lines, branches }) => `  ${per(lines).padStart(8)} ${per(branches).padStart(8)}  ${file}`),
    '',
    'Counted is what tests run themselves and what programs that they start and that end by themselves run. Threads are not.',
  ].join('\n')
}
