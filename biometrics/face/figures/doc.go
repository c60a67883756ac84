// Package figures is the form in which the eye's process is asked to time itself, and answers: one Job in, a Row a line out, both as JSON.
package figures
