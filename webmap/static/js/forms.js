/* What every page with forms has: calendars, searches in long lists, drafts, the session's end, files that are too large. */

import "./forms/days.js";
import "./forms/choices.js";
import "./forms/drafts.js";
import "./forms/session.js";
import "./forms/files.js";
