// Package ui is the window: it puts a flow.State on screen with Fyne's widgets and posts what the person does as a flow.Event.
//
// A Window holds one page and at most one panel. Both are screens, made when the state first asks for them and left, wiped and dropped when
// it no longer does, so that nothing of one person waits in the object tree for the next. Which constructor makes which page stands in
// pages and panels (screen.go).
//
// What screens are built from:
//
//	kit          what every constructor is given: post, now, Esc, the newest picture
//	say          a text by its key, from translations/*.en.json; no screen has a text of its own
//	newField     an entry that hands Esc, F1 and the window's shortcuts on, and can be wiped
//	newButton    a button that Enter presses too; primary, quiet and danger variants
//	newText      a label on the type scale (caption, body, lead, heading, title, display)
//	column, row  boxes on the spacing scale (gapXS 4 to gapXXL 48)
//	newCard      a surface with rounded corners around a form or a panel's body
//	newNotice    what went wrong or well: what, why, what to do
//	newPreview   the camera's newest picture as a mirror shows it; newOvalPreview an oval of it
//	newCode      a text as QR code
//	newAvatar    initials in an oval
//
// A goroutine touches widgets through fyne.Do only, and Show and Frame are the only two ways in.
package ui
