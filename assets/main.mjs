/** The page's only entry: the player, then what ties it to Dash. */

import * as aria from "./page/aria.mjs";
import * as arrival from "./page/arrival.mjs";
import { start } from "./page/bridge.mjs";
import * as catalogue from "./page/catalogue.mjs";
import * as formula from "./page/formula.mjs";
import * as held from "./page/held.mjs";
import * as line from "./page/line.mjs";
import * as lookup from "./page/lookup.mjs";
import * as menu from "./page/menu.mjs";
import * as options from "./page/options.mjs";
import * as race from "./page/race.mjs";
import * as study from "./study/study.mjs";
import * as theme from "./page/theme.mjs";
import * as words from "./page/words.mjs";
import * as player from "./player/player.mjs";

held.watch();
theme.mark();
aria.watch();
formula.watch();
menu.watch();
options.offer();
catalogue.watch();
lookup.watch();
window.nnopt = player;
line.watch();
arrival.watch();
race.watch();
study.watch();
words.watch();
start();
