package puppet

import "math"

// Lengths of the head are in eye distances (about 62 mm), its origin is between the ears, X grows to the picture's right, Y down,
// Z towards the camera.
const (
	skullX, skullY, skullZ = 1.25, 1.8, 1.4 // half axes
	eyeX, eyeY             = 0.5, -0.45     // an eye's middle
	noseY                  = 0.28           // the base of the nose
	away                   = 9.0            // the camera, about 56 cm before the ears
)

var (
	eyeZ  = skin(eyeX, eyeY)
	noseZ = skin(0, noseY)
	// unit is how many pixels one eye distance takes in the plane of the ears, so that the eyes stand eyesApart pixels apart.
	unit = eyesApart * (away - eyeZ) / away
)

// nose is how far the skin stands out over the ellipsoid: a ridge that rises from between the eyes to the tip and falls off below it.
func nose(x, y float64) float64 {
	const tip, height, wide, above, below = 0.16, 0.50, 0.20, 0.36, 0.20
	if math.Abs(x) > 4*wide {
		return 0
	}
	high := above
	if y > tip {
		high = below
	}
	dx, dy := x/wide, (y-tip)/high
	return height * math.Exp(-(dx*dx+dy*dy)/2)
}

// skin is the depth of the front at a place; 0 beyond the outline.
func skin(x, y float64) float64 {
	r := 1 - x*x/(skullX*skullX) - y*y/(skullY*skullY)
	if r <= 0 {
		return 0
	}
	return skullZ*math.Sqrt(r) + nose(x, y)
}

// inside says whether a point is in the head.
func inside(x, y, z float64) bool {
	if z > 0 {
		z -= nose(x, y)
	}
	z = max(z, -skullZ)
	return x*x/(skullX*skullX)+y*y/(skullY*skullY)+z*z/(skullZ*skullZ) <= 1
}

// view is a camera's view of a head that is turned by yaw, in radians, positive towards the picture's right.
type view struct{ sin, cos float64 }

func viewOf(yaw float64) view { return view{math.Sin(yaw), math.Cos(yaw)} }

// project says where, in eye distances from the picture's centre, a point of the head is seen.
func (v view) project(x, y, z float64) (float64, float64) {
	cx, cz := x*v.cos+z*v.sin, -x*v.sin+z*v.cos
	f := away / (away - cz)
	return cx * f, y * f
}

// at is the point of the head that lies at depth cz on the ray through px, py.
func (v view) at(px, py, cz float64) (x, y, z float64) {
	f := (away - cz) / away
	cx := px * f
	return cx*v.cos - cz*v.sin, py * f, cx*v.sin + cz*v.cos
}

// hit marches along the ray through px, py to the first point of the head; facing is 1 where the skin looks into the camera and 0 at
// the outline.
func (v view) hit(px, py float64) (x, y, z, facing float64, ok bool) {
	const step, halvings = 0.06, 6
	const front = skullZ + 0.45
	if px*px+py*py > 4*skullZ*skullZ {
		return
	}
	cz := front
	for ; cz > -0.6; cz -= step {
		if inside(v.at(px, py, cz)) {
			ok = true
			break
		}
	}
	if !ok {
		return
	}
	for near, far, i := cz+step, cz, 0; i < halvings; i++ {
		cz = (near + far) / 2
		if inside(v.at(px, py, cz)) {
			far = cz
		} else {
			near = cz
		}
	}
	x, y, z = v.at(px, py, cz)
	return x, y, z, v.facing(x, y, z), true
}

// facing uses the ellipsoid's normal; the nose casts no outline of its own.
func (v view) facing(x, y, z float64) float64 {
	nx, ny, nz := x/(skullX*skullX), y/(skullY*skullY), z/(skullZ*skullZ)
	return max(0, (-nx*v.sin+nz*v.cos)/math.Sqrt(nx*nx+ny*ny+nz*nz))
}

// body says which point of the skin's picture, in eye distances from its centre, is seen at px, py.
type body func(yaw float64) func(px, py float64) (sx, sy float64)

// head is a solid one, whose photograph was taken with the head turned by photographed. Towards the outline, and around the head, the
// picture stays where it is: so the map has no tears.
func head(photographed float64) body {
	taken := viewOf(photographed)
	return func(yaw float64) func(px, py float64) (float64, float64) {
		seen := viewOf(yaw)
		return func(px, py float64) (float64, float64) {
			x, y, z, facing, ok := seen.hit(px, py)
			if !ok {
				return px, py
			}
			sx, sy := taken.project(x, y, z)
			w := smooth(facing / 0.7)
			return w*sx + (1-w)*px, w*sy + (1-w)*py
		}
	}
}

// printed is a flat print, held where the face would be and turned about its middle.
func printed() body {
	return func(yaw float64) func(px, py float64) (float64, float64) {
		sin, cos := math.Sin(yaw), math.Cos(yaw)
		return func(px, py float64) (float64, float64) {
			// The ray meets the plane that passes through depth eyeZ where cz = eyeZ - x·sin, x along the print.
			x := px * (away - eyeZ) / (away*cos - px*sin)
			f := (away - eyeZ + x*sin) / (away - eyeZ)
			return x * away / (away - eyeZ), py * f
		}
	}
}

// smooth rises from 0 at 0 to 1 at 1 without a kink.
func smooth(t float64) float64 {
	t = min(1, max(0, t))
	return t * t * (3 - 2*t)
}
