// Holds adaptive cards against Microsoft's own parser, and their texts against a Markdown parser.
//
// Standard input: a list of cards. Standard output: for each what is wrong with it, and where its links lead. It does not
// know who made the cards. The first argument is the folder with the packages `adaptivecards` and `markdown-it`.
const path = require("node:path");
const modules = path.join(process.argv[2], "node_modules");
const AdaptiveCards = require(path.join(modules, "adaptivecards", "dist", "adaptivecards.js"));
const markdown = require(require.resolve("markdown-it", { paths: [modules] }))({ html: false, linkify: false });

function problems(json) {
    const context = new AdaptiveCards.SerializationContext(AdaptiveCards.Version.parse(json.version, undefined));
    const card = new AdaptiveCards.AdaptiveCard();
    card.parse(json, context);
    const found = [];
    for (let at = 0; at < context.eventCount; at++) {
        found.push(context.getEventAt(at).message);
    }
    found.push(...card.validateProperties().validationEvents.map((event) => event.message));
    return found;
}

function* texts(element) {
    if (Array.isArray(element)) {
        for (const one of element) yield* texts(one);
    } else if (element && typeof element === "object") {
        if (element.type === "TextBlock") yield element.text;
        for (const fact of element.facts ?? []) yield* [fact.title, fact.value];
        for (const key of ["body", "items", "columns"]) yield* texts(element[key] ?? []);
    }
}

function links(card) {
    const found = [];
    for (const text of texts(card)) {
        for (const block of markdown.parse(text, {})) {
            for (const token of block.children ?? []) {
                // what is written as <address> leads where everybody sees that it leads
                if (token.type === "link_open" && token.info !== "auto") found.push(token.attrGet("href"));
                if (token.type === "image") found.push(token.attrGet("src"));
            }
        }
    }
    return found;
}

const cards = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(cards.map((card) => ({ problems: problems(card), links: links(card) }))));
