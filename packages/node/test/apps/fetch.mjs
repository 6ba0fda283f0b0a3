// Asks the address it is given, then one that nobody listens on.
const answers = []
for (const url of [`${process.env.TARGET}/ok`, `${process.env.TARGET}/missing`, process.env.ABSENT]) {
  answers.push(
    await fetch(url).then(
      async (response) => {
        await response.text()
        return response.status
      },
      () => 'failed',
    ),
  )
}
process.stdout.write(`${JSON.stringify(answers)}\n`)
