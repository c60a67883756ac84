// A made-up webcam beneath OpenCV's V4L2 backend, preloaded into the tests of biometrics/camera: it answers for /dev/video0 what a UVC camera's driver
// would. It gives YUYV at 640x480 (30 a second) and 1280x720 (10), and MJPG at both (30); each frame of YUYV is one grey, its number. A frame that
// begins while no buffer waits for it is lost.
//
// DRIVER_LOG names a file for what it is asked. DRIVER_UNPLUG=N: ENODEV after N frames were taken. DRIVER_SILENT=N: none comes after N.
// DRIVER_SIGNAL=N: once N were taken, a signal cuts the wait for the next, one time.
// DRIVER_JPEG names the picture of MJPG.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

enum { slots = 8, slot = 1280 * 720 * 2 };

static int camera = -1, taken, waiting, cut;
static struct { int queued; long since; } buffers[slots]; // in microseconds from the stream's beginning
static long next; // number of the first frame that has not begun to fill a buffer
static unsigned width = 640, height = 480, coding = V4L2_PIX_FMT_YUYV;
static unsigned char *memory;
static struct timespec begun;

static void say(const char *what, unsigned a, unsigned b)
{
	const char *path = getenv("DRIVER_LOG");
	FILE *f = path ? fopen(path, "a") : NULL;
	if (!f)
		return;
	fprintf(f, "%s %u %u\n", what, a, b);
	fclose(f);
}

static int limit(const char *name)
{
	const char *v = getenv(name);
	return v ? atoi(v) : 1 << 30;
}

static unsigned rate(void) { return coding == V4L2_PIX_FMT_YUYV && width > 640 ? 10 : 30; }

// now is the time since the stream began, in microseconds.
static long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (t.tv_sec - begun.tv_sec) * 1000000 + (t.tv_nsec - begun.tv_nsec) / 1000;
}

// first is the buffer that waits longest, or -1.
static int first(void)
{
	int best = -1;
	for (int i = 0; i < slots; i++)
		if (buffers[i].queued && (best < 0 || buffers[i].since < buffers[best].since))
			best = i;
	return best;
}

// coming is the number of the frame that fills it: the first to begin after it was queued, and after the one before.
static long coming(int buffer)
{
	long every = 1000000L / rate(), n = (buffers[buffer].since + every - 1) / every;
	return n > next ? n : next;
}

// due is how long it is until the next frame is there, in microseconds.
static long due(void)
{
	int i = first();
	return i < 0 ? 1000 : (coming(i) + 1) * (1000000L / rate()) - now();
}

static int fail(int e)
{
	errno = e;
	return -1;
}

static int is_camera(const char *path) { return strcmp(path, "/dev/video0") == 0; }

static int open_camera(void)
{
	camera = memfd_create("camera", 0);
	if (ftruncate(camera, (off_t)slots * slot) != 0)
		return -1;
	memory = mmap(NULL, (size_t)slots * slot, PROT_READ | PROT_WRITE, MAP_SHARED, camera, 0);
	say("open", 0, 0);
	return camera;
}

int open(const char *path, int flags, ...)
{
	va_list l;
	va_start(l, flags);
	mode_t mode = va_arg(l, mode_t);
	va_end(l);
	if (is_camera(path))
		return open_camera();
	return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open"))(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list l;
	va_start(l, flags);
	mode_t mode = va_arg(l, mode_t);
	va_end(l);
	if (is_camera(path))
		return open_camera();
	return ((int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open64"))(path, flags, mode);
}

int close(int fd)
{
	if (fd >= 0 && fd == camera) {
		say("close", 0, 0);
		camera = -1;
	}
	return ((int (*)(int))dlsym(RTLD_NEXT, "close"))(fd);
}

int select(int n, fd_set *r, fd_set *w, fd_set *e, struct timeval *t)
{
	if (camera < 0 || !r || !FD_ISSET(camera, r))
		return ((int (*)(int, fd_set *, fd_set *, fd_set *, struct timeval *))dlsym(RTLD_NEXT, "select"))(n, r, w, e, t);
	if (taken >= limit("DRIVER_SILENT")) {
		say("silent", t->tv_sec, 0);
		usleep(t->tv_sec * 1000000 + t->tv_usec);
		FD_ZERO(r);
		return 0;
	}
	if (taken == limit("DRIVER_SIGNAL") && !cut++) {
		say("signal", 0, 0);
		return fail(EINTR);
	}
	for (long wait; (wait = due()) > 0;)
		usleep(wait); // which Go's own signals cut as well
	errno = 0;
	return 1;
}

static int format(struct v4l2_format *f, int set)
{
	struct v4l2_pix_format *p = &f->fmt.pix;
	if (f->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
		return fail(EINVAL);
	unsigned c = p->pixelformat == V4L2_PIX_FMT_MJPEG ? V4L2_PIX_FMT_MJPEG : V4L2_PIX_FMT_YUYV;
	unsigned w = p->width > 640 ? 1280 : 640, h = p->width > 640 ? 720 : 480;
	if (set) {
		if (waiting)
			return fail(EBUSY);
		coding = c, width = w, height = h;
		say(c == V4L2_PIX_FMT_MJPEG ? "format MJPG" : "format YUYV", w, h);
	}
	memset(p, 0, sizeof *p);
	p->width = w, p->height = h, p->pixelformat = c, p->field = V4L2_FIELD_NONE;
	p->bytesperline = c == V4L2_PIX_FMT_YUYV ? 2 * w : 0;
	p->sizeimage = 2 * w * h;
	return 0;
}

// picture writes a frame into a buffer and returns its length.
static unsigned picture(unsigned char *to, long frame)
{
	if (coding == V4L2_PIX_FMT_YUYV) {
		for (unsigned i = 0; i < 2 * width * height; i += 2)
			to[i] = 16 + 4 * (frame % 50), to[i + 1] = 128;
		return 2 * width * height;
	}
	FILE *f = fopen(getenv("DRIVER_JPEG"), "r");
	unsigned n = f ? fread(to, 1, slot, f) : 0;
	if (f)
		fclose(f);
	return n;
}

static int take(struct v4l2_buffer *b)
{
	if (taken >= limit("DRIVER_UNPLUG"))
		return fail(ENODEV);
	if (due() > 0 || taken >= limit("DRIVER_SILENT"))
		return fail(EAGAIN);
	int i = first();
	if (i < 0)
		return fail(EAGAIN);
	long n = coming(i);
	buffers[i].queued = 0, next = n + 1, taken++;
	memset(b, 0, sizeof *b);
	b->type = V4L2_BUF_TYPE_VIDEO_CAPTURE, b->memory = V4L2_MEMORY_MMAP, b->index = i, b->length = slot;
	b->bytesused = picture(memory + (size_t)i * slot, n);
	b->sequence = n;
	say("frame", n, i);
	return 0;
}

static int stream(int on)
{
	say(on ? "on" : "off", 0, 0);
	clock_gettime(CLOCK_MONOTONIC, &begun);
	next = taken = 0;
	for (int i = 0; i < slots; i++)
		buffers[i].since = 0, buffers[i].queued = on && buffers[i].queued;
	return 0;
}

static int answer(unsigned long request, void *arg)
{
	switch (request) {
	case VIDIOC_QUERYCAP: {
		struct v4l2_capability *c = arg;
		memset(c, 0, sizeof *c);
		strcpy((char *)c->driver, "uvcvideo");
		strcpy((char *)c->card, "Made-up webcam");
		c->capabilities = V4L2_CAP_DEVICE_CAPS | (c->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING);
		return 0;
	}
	case VIDIOC_G_INPUT:
		*(int *)arg = 0;
		return 0;
	case VIDIOC_S_INPUT:
	case VIDIOC_ENUMINPUT:
		return 0;
	case VIDIOC_G_FMT: {
		struct v4l2_format *f = arg;
		f->fmt.pix.width = width, f->fmt.pix.pixelformat = coding;
		return format(f, 0);
	}
	case VIDIOC_TRY_FMT:
		return format(arg, 0);
	case VIDIOC_S_FMT:
		return format(arg, 1);
	case VIDIOC_G_PARM:
	case VIDIOC_S_PARM: {
		struct v4l2_streamparm *p = arg;
		p->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
		p->parm.capture.timeperframe.numerator = 1;
		p->parm.capture.timeperframe.denominator = rate();
		return 0;
	}
	case VIDIOC_REQBUFS: {
		struct v4l2_requestbuffers *r = arg;
		if (r->count > slots)
			r->count = slots;
		waiting = r->count;
		say("buffers", r->count, 0);
		return 0;
	}
	case VIDIOC_QUERYBUF: {
		struct v4l2_buffer *b = arg;
		b->length = slot, b->m.offset = b->index * slot;
		return 0;
	}
	case VIDIOC_QBUF:
		buffers[((struct v4l2_buffer *)arg)->index].queued = 1;
		buffers[((struct v4l2_buffer *)arg)->index].since = now();
		return 0;
	case VIDIOC_DQBUF:
		return take(arg);
	case VIDIOC_STREAMON:
		return stream(1);
	case VIDIOC_STREAMOFF:
		return stream(0);
	}
	return fail(EINVAL); // no controls
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list l;
	va_start(l, request);
	void *arg = va_arg(l, void *);
	va_end(l);
	if (fd < 0 || fd != camera)
		return ((int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl"))(fd, request, arg);
	return answer((unsigned)request, arg);
}
