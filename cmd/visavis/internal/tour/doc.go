// Command tour drives the real window, at two desks, each on a display of its own, and tells what it sees there: from the first desk's invite
// to a log-out that leaves nothing, with a lost server, a killed eye and people who walk away in between. Keys come from xdotool,
// photographs go to build/ui, and those of screens that stand still are held to golden pictures.
//
// It waits for what the window says of itself (--events) and never for time to pass. A photograph is taken when two in a row are alike.
package main
