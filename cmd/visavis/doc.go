// Command visavis is the workstation's program: the window, which a keeper gives a new process whenever a person has gone; what examines a desk;
// and `visavis demo`, which tells the whole story without a window, on real processes and photographs.
package main
