const SIGNS =
  'a.- b-... c-.-. d-.. e. f..-. g--. h.... i.. j.--- k-.- l.-.. m-- n-. o--- p.--. q--.- r.-. s... t- u..- v...- w.-- x-..- ' +
  'y-.-- z--.. 0----- 1.---- 2..--- 3...-- 4....- 5..... 6-.... 7--... 8---.. 9----.'

/** ITU-R M.1677-1: sign → letter or digit. */
export const MORSE: ReadonlyMap<string, string> = new Map(
  SIGNS.split(' ').map((entry) => [entry.slice(1), entry.slice(0, 1)]),
)
