// Drives dlib by itself, without Go and without go-face, on whole frames: what the describer's speed is compared with. It loads the libraries and the
// models that the eye loads, so that its start is also the least that the eye's can take.
//
//   visavis-reference --weights DIR --load-only          prints "ready" once everything is loaded
//   visavis-reference --weights DIR --rounds N PICTURE…  prints a line of JSON a picture: faces found, and the milliseconds of each round

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include <dlib/dnn.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/opencv.h>

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

using namespace dlib;

// The two networks are declared as dlib's model files were written: a residual network of 29 convolutions that describes a face, and the detector that
// go-face loads beside it and the eye never runs.
template <int N, template <typename> class Norm, int Stride, typename Below>
using unit = Norm<con<N, 3, 3, 1, 1, relu<Norm<con<N, 3, 3, Stride, Stride, Below>>>>>;

template <int N, typename Below>
using keep = relu<add_prev1<unit<N, affine, 1, tag1<Below>>>>;

template <int N, typename Below>
using halve = relu<add_prev2<avg_pool<2, 2, 2, 2, skip1<tag2<unit<N, affine, 2, tag1<Below>>>>>>>;

template <typename B> using level4 = keep<32, keep<32, keep<32, B>>>;
template <typename B> using level3 = keep<64, keep<64, keep<64, halve<64, B>>>>;
template <typename B> using level2 = keep<128, keep<128, halve<128, B>>>;
template <typename B> using level1 = keep<256, keep<256, halve<256, B>>>;
template <typename B> using level0 = halve<256, B>;

using description = loss_metric<fc_no_bias<128, avg_pool_everything<level0<level1<level2<level3<level4<
    max_pool<3, 3, 2, 2, relu<affine<con<32, 7, 7, 2, 2, input_rgb_image_sized<150>>>>>>>>>>>>>;

template <int N, int Stride, typename Below>
using five = relu<affine<con<N, 5, 5, Stride, Stride, Below>>>;

using unused_detector = loss_mmod<con<1, 9, 9, 1, 1, five<45, 1, five<45, 1, five<45, 1, five<32, 2, five<32, 2, five<16, 2,
    input_rgb_image_pyramid<pyramid_down<6>>>>>>>>>>;

namespace {

struct Models {
    frontal_face_detector detect = get_frontal_face_detector();
    shape_predictor landmarks;
    description describe;
    unused_detector unused;

    explicit Models(const std::string& dir) {
        deserialize(dir + "/shape_predictor_5_face_landmarks.dat") >> landmarks;
        deserialize(dir + "/dlib_face_recognition_resnet_model_v1.dat") >> describe;
        deserialize(dir + "/mmod_human_face_detector.dat") >> unused;
    }

    // faces describes every face of a frame and returns how many there are.
    size_t faces(const matrix<rgb_pixel>& frame) {
        const auto boxes = detect(frame);
        for (const auto& box : boxes) {
            matrix<rgb_pixel> chip;
            extract_image_chip(frame, get_face_chip_details(landmarks(frame, box), 150, 0.25), chip);
            const matrix<float, 0, 1> d = describe(chip);
            if (d.size() != 128) throw std::runtime_error("a descriptor of another size");
        }
        return boxes.size();
    }
};

matrix<rgb_pixel> load(const std::string& path) {
    cv::Mat bgr = cv::imread(path, cv::IMREAD_COLOR);
    if (bgr.empty()) throw std::runtime_error(path + " is no picture");
    matrix<rgb_pixel> frame;
    assign_image(frame, cv_image<bgr_pixel>(bgr));
    return frame;
}

void measure(Models& models, const std::string& path, int rounds) {
    const auto frame = load(path);
    size_t found = models.faces(frame);
    std::printf("{\"width\":%ld,\"height\":%ld,\"faces\":%zu,\"millis\":[", frame.nc(), frame.nr(), found);
    for (int i = 0; i < rounds; i++) {
        const auto start = std::chrono::steady_clock::now();
        found = models.faces(frame);
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
        std::printf("%s%.3f", i ? "," : "", took.count());
    }
    std::printf("]}\n");
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) try {
    std::string weights;
    bool load_only = false;
    int rounds = 10;
    std::vector<std::string> pictures;
    for (int i = 1; i < argc; i++) {
        const std::string arg = argv[i];
        if (arg == "--load-only") load_only = true;
        else if (arg == "--weights" && i + 1 < argc) weights = argv[++i];
        else if (arg == "--rounds" && i + 1 < argc) rounds = std::max(1, std::stoi(argv[++i]));
        else if (arg.rfind("--", 0) == 0) throw std::runtime_error("unknown flag " + arg);
        else pictures.push_back(arg);
    }
    if (weights.empty()) throw std::runtime_error("say where the face models are: --weights DIR");
    Models models(weights);
    std::puts("ready");
    std::fflush(stdout);
    if (load_only) return 0;
    for (const auto& path : pictures) measure(models, path, rounds);
} catch (const std::exception& e) {
    std::cerr << "visavis-reference: " << e.what() << "\n";
    return 1;
}
