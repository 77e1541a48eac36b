// peers.mjs --address-file FILE - both simulated peers for one test after the other, in one process: most of a start is
// to load the programs and to read Shopify's schema, which are the same for all. Each test has peers of its own.
//
// POST /open {shopify: [flags], bc: [flags]} answers {shopify: url, bc: url}; DELETE /open closes both.
import {endOnSignal, HttpError, readJson, sendJson, serve} from '../../sandbox/lib/http.mjs';
import {open as openBc} from '../../sandbox/business-central/open.mjs';
import {open as openShopify} from '../../sandbox/shopify/open.mjs';

let peers = [];

async function closeAll() {
  await Promise.all(peers.map(peer => peer.close()));
  peers = [];
}

const control = await serve({
  addressFile: process.argv[process.argv.indexOf('--address-file') + 1],
  async handle(request, response) {
    if (request.url !== '/open') throw new HttpError(404, {errors: `no ${request.url}`});
    await closeAll();
    if (request.method === 'DELETE') return sendJson(response, 200, {});
    const {shopify, bc} = await readJson(request);
    peers = await Promise.all([openShopify(['--quiet', ...shopify]), openBc(['--quiet', ...bc])]);
    sendJson(response, 200, {shopify: peers[0].url, bc: peers[1].url});
  },
});
endOnSignal(async () => {
  await closeAll();
  await control.close();
});
