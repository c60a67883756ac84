// Package presence says who is before the desk: the person who logged in, somebody else, or nobody. It is pure: frames and times come in by
// parameter. It can only lock; nothing that it says ever lets anybody in.
package presence
