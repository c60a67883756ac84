// Command visavis is the workstation's program. So far it is headless: `visavis demo` tells the whole story on real
// processes and real photographs.
package main
