// Package flow is what the window shows and when: a pure state machine without widgets, camera and network.
//
// Step takes a State and an Event and gives the next State and the Effects that somebody has to carry out, whose ends come back as events.
// Which event counts on which page is one table (rules); what is not in it changes nothing.
//
//	Starting ─▶ Enrol ─▶ Found ─▶ Sheet ─▶ SignUp ─▶ Look ─▶ Glasses ─▶ Look (again) ─▶ Look (try) ─▶ Phrase ─▶ Waiting ─▶ LogIn
//	    │                                    ▲                  └───────────────────────────▲
//	    └──────────────▶ LogIn ──────────────┘          LogIn ─▶ Look ─▶ Inside ◀─ Look (unlock)
//	                                                     ▲               │              ▲
//	                                                     └─── log out ───┤              │
//	                                                                     └─▶ Locked ────┘
//
// At LogIn and Locked the window may get a new process (Leaves), which begins there (Resumed).
//
// No State holds a password, a key, or what was said in a form.
package flow
