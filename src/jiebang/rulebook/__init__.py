"""Published rules: mechanism versions, calendars and policies, and the packs they come from."""
