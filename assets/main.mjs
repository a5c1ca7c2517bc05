/** The page's only entry: the player, then what ties it to Dash. */

import * as aria from "./glue/aria.mjs";
import { start } from "./glue/bridge.mjs";
import * as catalogue from "./glue/catalogue.mjs";
import * as formula from "./glue/formula.mjs";
import * as menu from "./glue/menu.mjs";
import * as options from "./glue/options.mjs";
import * as race from "./glue/race.mjs";
import * as study from "./glue/study.mjs";
import * as theme from "./glue/theme.mjs";
import * as player from "./player/player.mjs";

theme.mark();
aria.watch();
formula.watch();
menu.watch();
options.offer();
catalogue.watch();
window.nnopt = player;
race.watch();
study.watch();
start();
