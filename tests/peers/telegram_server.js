// A Bot API server of others' making (npm's telegram-test-api) on a free port of loopback.
//
// The first argument is where the package lies. It prints its address and runs until it is ended. It knows sendMessage and
// editMessageText and shows what it has at /getUpdatesHistory; it does not know pictures, and reads no markup.
"use strict";

const net = require("net");
const TelegramServer = require(process.argv[2]);

function freePort() {
    return new Promise((resolve, reject) => {
        const probe = net.createServer();
        probe.once("error", reject);
        probe.listen(0, "127.0.0.1", () => {
            const { port } = probe.address();
            probe.close(() => resolve(port));
        });
    });
}

async function main() {
    // the package takes no 0 for a free port; somebody else may take the one that was found
    for (;;) {
        const port = await freePort();
        try {
            await new TelegramServer({ host: "127.0.0.1", port, storeTimeout: 600 }).start();
            console.log(`listening on 127.0.0.1:${port}`);
            return;
        } catch (error) {
            if (error.code !== "EADDRINUSE") {
                throw error;
            }
        }
    }
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
