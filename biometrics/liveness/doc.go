// Package liveness draws gesture challenges and judges, from landmarks and times, whether a head in front of the camera
// followed one. It can only refuse: a pass proves nothing about who it was.
package liveness
