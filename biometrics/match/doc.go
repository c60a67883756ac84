// Package match says how far apart two faces are, and at which distance they count as one person.
//
// Descriptors are scaled to unit length ([Unit]), averaged over diverse enrolled views on one side and several live frames
// on the other ([Mean]), and the two means are compared by Euclidean distance, never squared ([Distance]): fusing both
// sides is what makes a false-match rate of 1 in 10,000 usable with dlib's network. A [Level] names the bounds that were measured
// for a rate; they are data ([Table]), which `visavis-bench faces` makes. A [Gallery] is the exact search among all who are enrolled. Every comparison is of the form d <= bound, so that NaN, and the zero value of everything here, denies.
package match
