// Package operator enrols and verifies a face without window and server, from pictures or from a camera: for scripts, and for whoever runs the
// organisation. What it keeps of a face is sealed.
package operator
