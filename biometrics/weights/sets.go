package weights

// Version names the descriptors that the models of [Dlib] make. Descriptors of different versions must not be compared.
const Version = "dlib-resnet-v1/5pt"

// File is one file of a Set.
type File struct {
	Name   string // in the folder that Ensure fills
	SHA256 string // in hex, lower case
	Size   int64  // bytes

	// Where it comes from: a path inside the npm package or the Go module of its set, or an address of the file compressed with bzip2.
	Npm, Module, Bzip2 string
}

// Set is a number of files that come from the same places.
type Set struct {
	Name   string
	Npm    string // package@version, or empty
	Module string // path@version of a Go module, or empty
	Files  []File
}

// Dlib returns the model files that go-face opens. It asks for the third although nothing here uses that detector. The model of 68
// landmarks does not belong to it: it was trained on pictures that may not be used commercially.
func Dlib() Set {
	return Set{
		Name: "dlib's face models",
		Npm:  "face-recognition-models@0.0.0",
		Files: []File{
			{
				Name: "shape_predictor_5_face_landmarks.dat", Size: 9150489,
				SHA256: "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
				Npm:    "models/shape_predictor_5_face_landmarks.dat",
				Bzip2:  "https://dlib.net/files/shape_predictor_5_face_landmarks.dat.bz2",
			},
			{
				Name: "dlib_face_recognition_resnet_model_v1.dat", Size: 22466066,
				SHA256: "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
				Npm:    "models/dlib_face_recognition_resnet_model_v1.dat",
				Bzip2:  "https://dlib.net/files/dlib_face_recognition_resnet_model_v1.dat.bz2",
			},
			{
				Name: "mmod_human_face_detector.dat", Size: 729940,
				SHA256: "be467b1a76f482693de3b0f6a1ff91d092319be71523d4d4b0628f6a53fcb87a",
				Npm:    "models/mmod_human_face_detector.dat",
				Bzip2:  "https://dlib.net/files/mmod_human_face_detector.dat.bz2",
			},
		},
	}
}

// DemoFaces returns the photographs of the demo and the tests: about twenty faces, and two webcam pictures of one man.
func DemoFaces() Set {
	return Set{
		Name:   "the demo's photographs",
		Npm:    "@vladmandic/face-api@1.7.15",
		Module: "gocv.io/x/gocv@v0.31.0",
		Files: []File{
			{Name: "sample1.jpg", Size: 144516, Npm: "demo/sample1.jpg", SHA256: "8ecae4b267b2d3169e06e00c7dee97097aa2a94635d45216f7732a5f4943cb51"},
			{Name: "sample2.jpg", Size: 181758, Npm: "demo/sample2.jpg", SHA256: "7d2b60ae6f13bf30f422e04df87451081a02c83de469056f25afb44b7000c691"},
			{Name: "sample3.jpg", Size: 221049, Npm: "demo/sample3.jpg", SHA256: "8eb081c9efb14370fa94d9feab9e5fbeafd19a627491853a80c2bf67f7ffa936"},
			{Name: "sample4.jpg", Size: 210824, Npm: "demo/sample4.jpg", SHA256: "729efa5923061d40eb4ed5f267a18cc7b8ba6f852bb2757b16d8b7e4937476fc"},
			{Name: "sample5.jpg", Size: 166400, Npm: "demo/sample5.jpg", SHA256: "6d45095ebb182d8f975c0790e0e4eefd86fbb40609cf4b271776d92e12662938"},
			{Name: "sample6.jpg", Size: 302445, Npm: "demo/sample6.jpg", SHA256: "9baad80f9d5e306fb9b8c0913d44445f1e95848df317530efb03d0934c57ba87"},
			{Name: "face.jpg", Size: 35890, Module: "images/face.jpg", SHA256: "51f524c76aeb4e12f97476978e1f3b0d0276b9db0a159833d10ca242a19cbf50"},
			{Name: "face-detect.jpg", Size: 36981, Module: "images/face-detect.jpg", SHA256: "4047a2119ec59b7506fd97aca856f3829f285ef33cc6b8ed5d0f71c4e5cb279d"},
		},
	}
}
