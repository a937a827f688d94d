/** Ways in which people write an amount: `1200`, `1,200.00`, `1.200,00`, `1 200`. */
export function amountForms(amount: number): readonly string[] {
  if (!Number.isFinite(amount) || amount < 0 || amount > 1e12) return []
  const plain = String(amount)
  if (!/^\d+(?:\.\d{1,2})?$/.test(plain)) return /^\d+\.\d+$/.test(plain) ? [plain] : []
  const [whole = '', cents = ''] = plain.split('.')
  const decimals = cents === '' ? ['', '00'] : [cents.padEnd(2, '0'), cents]
  const forms = new Set<string>()
  for (const [thousands, point] of [
    ['', '.'],
    ['', ','],
    [',', '.'],
    ['.', ','],
    [' ', '.'],
    [' ', ','],
    ["'", '.'],
  ] as const) {
    const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, thousands)
    for (const decimal of decimals) forms.add(decimal === '' ? grouped : `${grouped}${point}${decimal}`)
  }
  return [...forms]
}

const MONEY_BEFORE = /(?:[$€£¥₹₽₩]|\b(?:usd|eur|gbp|chf|jpy|pln|sek|nok|dkk|cad|aud|inr|rs\.?))\s?$/
const MONEY_AFTER =
  /^\s?(?:[$€£¥₹₽₩%]|(?:usd|eur|gbp|chf|jpy|pln|sek|nok|dkk|cad|aud|inr|dollars?|bucks|euros?|pounds?|francs?|yen|rupees?|cents?)(?![\p{L}\p{N}]))/u

/** Says whether the number at a place is called money: a bare `2024` or `5` may be anything. */
export const isMoney = (text: string, start: number, end: number): boolean =>
  MONEY_BEFORE.test(text.slice(Math.max(0, start - 5), start)) || MONEY_AFTER.test(text.slice(end, end + 10))

/** Minor units of an amount, rounded up; what is not plainly a number is more than any limit. */
export function minorUnits(value: string | number | boolean): number {
  const amount =
    typeof value === 'number' ? value : /^-?\d{1,15}(?:\.\d{1,9})?$/.test(String(value)) ? Number(value) : NaN
  const minor = Math.max(0, Math.ceil(Math.abs(amount) * 100 - 1e-6))
  return Number.isSafeInteger(minor) ? Math.min(minor, MOST_MINOR) : MOST_MINOR
}

/** A sum of them stays a safe integer. */
export const MOST_MINOR = 2 ** 52
