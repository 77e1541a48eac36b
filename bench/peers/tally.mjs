// tally.mjs - counts jobs and says so on a line each time it changed: COUNT FIRST-START LAST-END, in ms.
const EVERY_MS = 100

export function tally() {
  let count = 0
  let said = 0
  let first = 0
  let last = 0
  setInterval(() => {
    if (count !== said) console.log(count, first, last)
    said = count
  }, EVERY_MS)
  return {
    begins: () => {
      first ||= Date.now()
    },
    ends: () => {
      count++
      last = Date.now()
    },
  }
}
