// Package login decides who somebody at a desk is: the log-in and the sign-up as state machines, their limits and refusals.
//
// A log-in belongs to one connection of one enrolled desk. Each step takes the login out of the table, so no step runs
// twice or beside another; only a step that went well puts it back, one state further:
//
//	START ──Start──▶ ANSWERED ──Password──▶ PROVEN ──Challenge──▶ CHALLENGED ──Face──▶ DONE
//	  │      │          │ 60 s                │ 10 min              │ ▲ │ 2 min         (a Proof)
//	  │      │          │ wrong KE3           │ not admitted        │ └─┘ Challenge again: the same one
//	  ▼      ▼          ▼                     ▼                     ▼
//	  └──────┴──────────┴───────── FAILED ────┴─────────────────────┘
//
// A step in any other order, on another connection, after its time or a second time is refused. A sign-up goes the same
// way without a password to prove; its faces are judged one by one, and stay in memory until it is finished:
//
//	START ──SignupStart──▶ CONSENTED ──SignupChallenge──▶ SHOWN ──SignupFace──▶ ENROLLED ──SignupFinish──▶ DONE
//	                           ▲                          │   ▲                    │      (an account that waits)
//	                           └──────── refused ─────────┘   └──SignupChallenge───┘
//	                                                           a second capture, a try
//
// Six challenges and 20 minutes are all that it has. A refused face takes nothing away of what was accepted before.
//
// A locked session is unlocked by a face alone, of the account whose password was proven when the session began:
//
//	START ──UnlockStart──▶ PROVEN ──UnlockChallenge──▶ CHALLENGED ──UnlockFace──▶ DONE (Present)
//
// Whoever sits at an open session proves anew that it is still its person, by the password or by the face:
//
//	START ──ProveStart──▶ ANSWERED ──ProvePassword──▶ DONE (Present)
//	START ──ProveLook───▶ PROVEN ──ProveChallenge──▶ CHALLENGED ──ProveFace──▶ DONE (Present)
//
// Their passwords and faces are counted as a log-in's, and no one's steps and evidence do for another. Of what faces may fail in a week, and in all, half is for
// log-ins alone, since a password comes before those.
//
// A lost password is recovered with the phrase, whose key signs, and then as a log-in is. What follows the face changes password and vault:
//
//	START ──RecoverStart──▶ ANSWERED ──RecoverPhrase──▶ PROVEN ──RecoverChallenge──▶ CHALLENGED
//	DONE ◀──RecoverFinish── REGISTERED ◀──RecoverRegister── CLEARED ◀──RecoverFace──┘
//
// An admin's one-time code (Code, RecoverCode) takes the place of challenge and face, in PROVEN and CHALLENGED. A sign-up for an account that there is
// (RenewStart) is one in everything but its beginning, which an admin has to allow, and its end, which changes nothing until an admin has signed it.
//
// A password is limited three ways: by name and desk, with waits that grow; by desk, over all names; by name over all desks, loosely. Only
// the last is felt elsewhere, as a wait of a minute, so that nobody is kept out by what others do at other desks. Whatever a password can be
// tried on counts as a try: each answer to a log-in's first step, and to a sign-up's.
//
// Whom the directory admits is held against whom it admitted before: a log-in or unlocking is judged by a bound that the nearest other person
// tightens, and an admin is shown whom a waiting person looks like. A sign-up is held against nobody, and is answered alike whoever is known: else
// its tries would say whose face is.
//
// What is tried is counted before it is judged, durably, and taken back by its success: a crash in between counts as a
// failure. Nothing here starts a goroutine or sleeps; what is too old goes when somebody comes.
package login
