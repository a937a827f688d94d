// Node writes what a program ran when it ends, and hands the wish on to whatever that program starts.
const place = process.env['COVERAGE_OF_PROGRAMS']
if (place !== undefined) process.env['NODE_V8_COVERAGE'] = place
