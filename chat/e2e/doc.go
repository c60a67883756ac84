// Package e2e holds a person's keys and does everything that needs them: the vault, key generations of rooms, and messages.
//
// The server does not import it. A [Vault] is what a person owns, sealed under password and pepper; a [Session] is one log-in;
// a [Room] walks one room's log in order, says what to show for each entry, and makes the entries to send.
//
// A message goes through these layers, each checked on the way in: the content; the body, which names everything that it
// belongs to; the author's signature; padding to one of four lengths; one Fernet token under a key of the room's generation.
// What cannot be opened or does not belong is never an error of the walk: it is an [Event] with a [Cause], and the walk goes on.
package e2e
