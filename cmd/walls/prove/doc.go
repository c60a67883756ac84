// Prove takes the product's defences out, one by one, and says which tests of docs/attacks.md notice.
//
// It copies the product's sources and writes a call around each guard: the condition of an if, a case, what is compared, and each statement that
// could be left out. A test runs once to record which guards answered, and then once for each of them with that answer taken back, the ones first
// that answer in few of the package's tests. It is proven by the first one with which it fails, twice, and without which it passes. A guard that
// answers in most of the package's tests proves nothing: without it no test gets as far as its attack. Defences that are no guard are
// taken out by hand: testdata/mutants has a file for each, with what is replaced by what.
//
//	prove [--keep DIR] [--only REGEXP] [--tries N] [--all]
package main
