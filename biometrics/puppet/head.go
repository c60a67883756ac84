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

// noseHeight is how far the nose's tip stands out over the ellipsoid.
const noseHeight = 0.50

// nose is how far the skin stands out over the ellipsoid: a ridge that rises from between the eyes to the tip and falls off below it.
func nose(x, y float64) float64 {
	const tip, wide, above, below = 0.16, 0.20, 0.36, 0.20
	if math.Abs(x) > 4*wide {
		return 0
	}
	high := above
	if y > tip {
		high = below
	}
	dx, dy := x/wide, (y-tip)/high
	return noseHeight * math.Exp(-(dx*dx+dy*dy)/2)
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
func inside(p vector) bool {
	z := p.z
	if z > 0 {
		z -= nose(p.x, p.y)
	}
	z = max(z, -skullZ)
	return p.x*p.x/(skullX*skullX)+p.y*p.y/(skullY*skullY)+z*z/(skullZ*skullZ) <= 1
}

// vector is a point or a direction.
type vector struct{ x, y, z float64 }

// view is a camera's view of a thing that nods by pitch, positive upwards, and then turns by yaw, positive towards the picture's right, both in
// radians; the camera is far before its origin. Its picture is so large that at away a unit of the origin's plane is one.
type view struct{ siny, cosy, sinp, cosp, far float64 }

func viewOf(yaw, pitch, far float64) view {
	return view{math.Sin(yaw), math.Cos(yaw), math.Sin(pitch), math.Cos(pitch), far}
}

// project says where, in eye distances from the picture's centre, a point of the thing is seen.
func (v view) project(p vector) (float64, float64) {
	y, z := p.y*v.cosp-p.z*v.sinp, p.y*v.sinp+p.z*v.cosp
	x, z := p.x*v.cosy+z*v.siny, -p.x*v.siny+z*v.cosy
	f := away / (v.far - z)
	return x * f, y * f
}

// back turns a vector of the camera's space into the thing's.
func (v view) back(c vector) vector {
	x, z := c.x*v.cosy-c.z*v.siny, c.x*v.siny+c.z*v.cosy
	return vector{x, c.y*v.cosp + z*v.sinp, -c.y*v.sinp + z*v.cosp}
}

// ray is what is seen at px, py: in the thing's space, points at from + depth·along, where depth is the camera's Z.
func (v view) ray(px, py float64) (from, along vector) {
	kx, ky := px/away, py/away
	return v.back(vector{kx * v.far, ky * v.far, 0}), v.back(vector{-kx, -ky, 1})
}

func at(from, along vector, depth float64) vector {
	return vector{from.x + depth*along.x, from.y + depth*along.y, from.z + depth*along.z}
}

// hit is the first point of the head on the ray through px, py; facing is 1 where the skin looks into the camera and 0 at the outline.
func (v view) hit(px, py float64) (p vector, facing float64, ok bool) {
	from, along := v.ray(px, py)
	depth, ok := ellipsoid(from, along)
	if !ok {
		return vector{}, 0, false
	}
	p = at(from, along, depth)
	// The nose stands out: where it may be before the ellipsoid, the ray is walked to it.
	if math.Abs(p.x) < 1.1 && math.Abs(p.y) < 1.3 {
		p = at(from, along, walk(from, along, depth))
	}
	return p, v.facing(p), true
}

// ellipsoid is where a ray first meets the head without its nose.
func ellipsoid(from, along vector) (depth float64, ok bool) {
	const x2, y2, z2 = skullX * skullX, skullY * skullY, skullZ * skullZ
	a := along.x*along.x/x2 + along.y*along.y/y2 + along.z*along.z/z2
	b := from.x*along.x/x2 + from.y*along.y/y2 + from.z*along.z/z2
	c := from.x*from.x/x2 + from.y*from.y/y2 + from.z*from.z/z2 - 1
	d := b*b - a*c
	if d < 0 {
		return 0, false
	}
	return (math.Sqrt(d) - b) / a, true
}

// walk comes from the nose's height down to a depth on the ellipsoid, and answers where the ray meets the skin.
func walk(from, along vector, depth float64) float64 {
	const step, halvings = 0.06, 6
	z := depth + 1.2*noseHeight
	for ; z > depth; z -= step {
		if inside(at(from, along, z)) {
			break
		}
	}
	near, far := z+step, max(z, depth)
	for range halvings {
		if z = (near + far) / 2; inside(at(from, along, z)) {
			far = z
		} else {
			near = z
		}
	}
	return (near + far) / 2
}

// facing uses the ellipsoid's normal; the nose casts no outline of its own.
func (v view) facing(p vector) float64 {
	nx, ny, nz := p.x/(skullX*skullX), p.y/(skullY*skullY), p.z/(skullZ*skullZ)
	c := v.back(vector{0, 0, 1})
	return max(0, (nx*c.x+ny*c.y+nz*c.z)/math.Sqrt(nx*nx+ny*ny+nz*nz))
}

// body says which point of the skin's picture, in eye distances from its centre, is seen at px, py by a camera that sees it in a pose.
type body func(pose) func(px, py float64) (sx, sy float64)

// view is the camera's of a thing in the pose.
func (p pose) view() view {
	return viewOf(p.yaw*math.Pi/180, p.pitch*math.Pi/180, away/p.near)
}

// head is a solid one, which is photographed in a view. What the photograph shows well is seen where it belongs; from there outwards the picture
// moves less and less, so that neither skin nor hair is torn.
func head(taken view) body {
	return func(p pose) func(px, py float64) (float64, float64) {
		seen := p.view()
		r := rimOf(seen, taken, p.near)
		return func(px, py float64) (float64, float64) {
			if sx, sy, ok := seen.shown(px, py, taken); ok {
				return sx, sy
			}
			dx, dy := r.beyond(px, py)
			return px/p.near + dx, py/p.near + dy
		}
	}
}

// slant is the least that skin must face the camera, now and in the photograph: seen at more than 60° a photograph says little of it.
const slant = 0.5

// shown is where in the photograph what is seen at px, py is, if it shows it well.
func (v view) shown(px, py float64, taken view) (sx, sy float64, ok bool) {
	hit, facing, ok := v.hit(px, py)
	if !ok || facing < slant || taken.facing(hit) < slant {
		return 0, 0, false
	}
	sx, sy = taken.project(hit)
	return sx, sy, true
}

// rim is the edge of what is well shown, in equal angles around the head's middle: how far out it is, and how far the picture has moved there.
type rim [64]struct{ far, dx, dy float64 }

func rimOf(seen, taken view, near float64) (r rim) {
	const outside, halvings = 2 * skullY, 10
	for i := range r {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(len(r)))
		in, out := 0.0, outside*near
		for range halvings {
			middle := (in + out) / 2
			sx, sy, ok := seen.shown(middle*cos, middle*sin, taken)
			if !ok {
				out = middle
				continue
			}
			in = middle
			r[i].far, r[i].dx, r[i].dy = in, sx-in*cos/near, sy-in*sin/near
		}
	}
	return r
}

// beyond is how far the picture has moved outside of the rim.
func (r *rim) beyond(px, py float64) (dx, dy float64) {
	const reach = 1.3 // eye distances until it moves no more: several times as much as it moves
	turn := math.Atan2(py, px) / (2 * math.Pi)
	at := (turn - math.Floor(turn)) * float64(len(r))
	a, b, w := r[int(at)%len(r)], r[(int(at)+1)%len(r)], at-math.Floor(at)
	far := a.far + (b.far-a.far)*w
	left := 1 - smooth((math.Hypot(px, py)-far)/reach)
	return left * (a.dx + (b.dx-a.dx)*w), left * (a.dy + (b.dy-a.dy)*w)
}

// smooth rises from 0 at 0 to 1 at 1 without a kink.
func smooth(t float64) float64 {
	t = min(1, max(0, t))
	return t * t * (3 - 2*t)
}
