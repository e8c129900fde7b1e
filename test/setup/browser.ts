/** Before `npm run test:browser`. */
export default function setup(): void {
  console.log('test:browser needs Chromium (Debian and Ubuntu: apt-get install chromium).')
}
