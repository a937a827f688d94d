// Coverage of the programs that tests start: they run the bundle, whose lines lead back to the sources by its maps.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseAstAsync } from 'vite'

// what Vitest measures with
const require = createRequire(createRequire(import.meta.url).resolve('@vitest/coverage-v8'))
const { mergeProcessCovs } = require('@bcoe/v8-coverage')
const { createCoverageMap } = require('istanbul-lib-coverage')
const { convert } = await import(pathToFileURL(require.resolve('ast-v8-to-istanbul')).href)

/**
 * @param raw directory of what Node wrote at the end of each program (`NODE_V8_COVERAGE`)
 * @param bundle directory of the program, and `maps` of its maps
 * @param wanted says of a source whether it is counted
 * @returns coverage by source, in the form of Istanbul
 */
async function coverageOfPrograms({ raw, bundle, maps, wanted }) {
  const map = createCoverageMap({})
  for (const coverage of merged(raw, pathToFileURL(bundle).href)) {
    const path = fileURLToPath(coverage.url)
    const file = join(maps, `${relative(bundle, path)}.map`)
    if (!existsSync(file)) continue
    const sourceMap = JSON.parse(readFileSync(file, 'utf8'))
    if (!sourceMap.sources.some(wanted)) continue
    const code = readFileSync(path, 'utf8')
    const found = await convert({ code, ast: parseAstAsync(code), wrapperLength: 0, coverage, sourceMap })
    for (const [source, data] of Object.entries(found)) if (wanted(source)) map.merge({ [source]: data })
  }
  return map
}

/** One coverage for each file of the bundle. Merged a few at a time: a suite starts thousands of programs. */
function merged(raw, prefix) {
  let all = { result: [] }
  for (const name of existsSync(raw) ? readdirSync(raw) : []) {
    let result
    try {
      ;({ result } = JSON.parse(readFileSync(join(raw, name), 'utf8')))
    } catch {
      continue // it was killed while it wrote
    }
    all = mergeProcessCovs([all, { result: result.filter(({ url }) => url.startsWith(prefix)) }])
  }
  return all.result
}

/**
 * Counts of lines and branches by source: of what the tests ran themselves (`own`, Istanbul's form) or the programs that they
 * started. Both were made from one source by different tools, so a branch is known by its kind, its line and its turn there;
 * what has no counterpart counts as the tests alone ran it.
 */
export async function summaryOf(own, programs) {
  const map = createCoverageMap(own)
  const theirs = await coverageOfPrograms({ ...programs, wanted: (source) => map.files().includes(source) })
  return Object.fromEntries(
    map.files().map((file) => {
      const both = [map, theirs].filter((each) => each.files().includes(file)).map((each) => each.fileCoverageFor(file))
      return [file, { lines: linesOf(both), branches: branchesOf(both) }]
    }),
  )
}

function linesOf([own, programs]) {
  const [mine, theirs = {}] = [own.getLineCoverage(), programs?.getLineCoverage()]
  const lines = Object.keys(mine)
  return { total: lines.length, covered: lines.filter((line) => mine[line] > 0 || theirs[line] > 0).length }
}

function branchesOf([own, programs]) {
  const theirs = programs === undefined ? new Map() : byPlace(programs)
  const ways = [...byPlace(own)].flatMap(([place, taken]) =>
    taken.map((count, way) => count > 0 || (theirs.get(place)?.length === taken.length && theirs.get(place)[way] > 0)),
  )
  return { total: ways.length, covered: ways.filter(Boolean).length }
}

function byPlace({ branchMap, b }) {
  const places = new Map()
  for (const [id, { type, loc }] of Object.entries(branchMap)) {
    const place = `${type} ${loc.start.line} `
    let turn = 0
    while (places.has(place + turn)) turn += 1
    places.set(place + turn, b[id])
  }
  return places
}
