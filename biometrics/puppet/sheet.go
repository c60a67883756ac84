package puppet

import "math"

// sheetScale is how much larger, in the picture, a print is than in the plane of the ears: it is held where the eyes would be.
var sheetScale = away / (away - eyeZ)

// printed is a flat print, held where the face would be and turned about its middle.
func printed() body {
	return func(p pose) func(px, py float64) (float64, float64) {
		v := p.view()
		middle := v.middle()
		return func(px, py float64) (float64, float64) {
			from, along := v.ray(px, py)
			// In the print's own space its plane is where z is the middle's.
			at := at(from, along, (middle.z-from.z)/along.z)
			return (at.x - middle.x) * sheetScale, (at.y - middle.y) * sheetScale
		}
	}
}

// middle is the point about which a sheet turns, where the eyes' plane is when it looks into the camera, in the sheet's space.
func (v view) middle() vector { return v.back(vector{0, 0, eyeZ}) }

// bent is a print that is bent about an upright axis, of this radius in eye distances: the nose comes forward, as far as paper lets it.
func bent(radius float64) body {
	return func(p pose) func(px, py float64) (float64, float64) {
		v := p.view()
		middle := v.middle()
		return func(px, py float64) (float64, float64) {
			from, along := v.ray(px, py)
			fx, fz := from.x-middle.x, from.z-middle.z+radius
			a := along.x*along.x + along.z*along.z
			b := fx*along.x + fz*along.z
			d := b*b - a*(fx*fx+fz*fz-radius*radius)
			if d < 0 {
				return nowhere, nowhere
			}
			depth := (math.Sqrt(d) - b) / a
			x, z := fx+depth*along.x, fz+depth*along.z
			return radius * math.Atan2(x, z) * sheetScale, (from.y + depth*along.y - middle.y) * sheetScale
		}
	}
}

// nowhere lies beyond every picture.
const nowhere = 50

// shifted moves, squeezes and grows a picture as a program can that has no more than it.
func shifted() body {
	const way = 0.5 // eye distances that it goes aside for a whole turn
	return func(p pose) func(px, py float64) (float64, float64) {
		yaw, pitch := p.yaw*math.Pi/180, p.pitch*math.Pi/180
		return func(px, py float64) (float64, float64) {
			return (px/p.near - way*math.Sin(yaw)) / math.Cos(yaw), (py/p.near + way*math.Sin(pitch)) / math.Cos(pitch)
		}
	}
}

// unmoved is a body that never moves.
func unmoved() body {
	return func(pose) func(px, py float64) (float64, float64) {
		return func(px, py float64) (float64, float64) { return px, py }
	}
}
