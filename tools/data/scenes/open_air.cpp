#include "tools/data/scenes/materials.h"
#include "tools/data/scenes/noise.h"

namespace cuunet::scenes {

namespace {

// Strokes that get shorter and denser towards the horizon, in about [-1, 1].
double wave_noise(Point p, double horizon, uint32_t seed) {
  double near = std::max(p.y - horizon, 0.0) + 0.11, depth = std::log(near);
  return value_noise((p.x - 0.5) * 2.2 / near + 20, 16 * depth, seed) +
         0.5 * value_noise((p.x - 0.5) * 4.4 / near + 40, 30 * depth, seed + 1);
}

Colour sunset_gradient(double t) {  // t: 0 above, 1 at the horizon
  const Colour above{0.36, 0.22, 0.55}, middle{0.93, 0.38, 0.38}, below{1.0, 0.72, 0.25};
  return t < 0.55 ? mix(above, middle, t / 0.55) : mix(middle, below, (t - 0.55) / 0.45);
}

}  // namespace

Material day_sky(Setting& setting, double horizon) {
  double light = setting.draw_brightness(0.72, 1.08), cloudiness = setting.random.uniform(-0.22, 0.12);
  double shift = setting.random.uniform(0, 50), scale = setting.random.uniform(2.2, 3.6), from = setting.light_x;
  uint32_t seed = setting.random.word();
  return [=](Point p) {
    double t = std::clamp(p.y / std::max(horizon, 0.35), 0.0, 1.0);
    Colour blue = mix(Colour{0.12, 0.38, 0.86}, Colour{0.50, 0.76, 0.98}, t);
    double x = p.x * scale + shift, y = p.y * scale * 1.7;
    double cloud = fractal_noise(x, y, seed) + cloudiness;
    double lit = 0.5 + 1.2 * (cloud - fractal_noise(x + 0.25 * from, y - 0.3, seed) - cloudiness);
    Colour white = mix(Colour{0.70, 0.74, 0.82}, Colour{1.0, 1.0, 0.99}, std::clamp(lit + 0.25, 0.0, 1.0));
    return mix(blue, white, smoothstep(0.05, 0.22, cloud)) * light;
  };
}

Material sunset_sky(Setting& setting, double horizon, double sun_x) {
  double light = setting.draw_brightness(0.75, 1.1), radius = setting.random.uniform(0.06, 0.1);
  Point sun{sun_x, horizon - setting.random.uniform(0.2, 1.4) * radius};
  double shift = setting.random.uniform(0, 50), pixel = setting.pixel;
  uint32_t seed = setting.random.word();
  return [=](Point p) {
    Colour colour = sunset_gradient(std::clamp(p.y / std::max(horizon, 0.3), 0.0, 1.0));
    double streak = fractal_noise(2.2 * p.x + shift, 15 * p.y, seed);
    colour = mix(colour, Colour{1.0, 0.55, 0.42}, 0.7 * smoothstep(0.1, 0.4, streak));
    colour = mix(colour, Colour{0.42, 0.20, 0.45}, 0.7 * smoothstep(0.1, 0.45, -streak));
    double distance = length(p - sun);
    colour = mix(colour, Colour{1.0, 0.80, 0.40}, 0.7 * std::exp(-distance / (1.5 * radius)));
    return mix(Colour{1.0, 0.95, 0.62}, colour * light, smoothstep(-pixel, pixel, distance - radius));
  };
}

Material sea(Setting& setting, double horizon) {
  double light = setting.draw_brightness(0.7, 1.25);
  uint32_t seed = setting.random.word();
  return [=](Point p) {
    double t = std::clamp((p.y - horizon) / 0.5, 0.0, 1.0), wave = wave_noise(p, horizon, seed);
    Colour water = mix(Colour{0.10, 0.38, 0.62}, Colour{0.06, 0.50, 0.60}, t) * (1 + 0.28 * wave);
    return mix(water, Colour{0.78, 0.92, 0.94}, 0.85 * smoothstep(0.55, 0.95, wave)) * light;
  };
}

Material sunset_sea(Setting& setting, double horizon, double sun_x) {
  double light = setting.draw_brightness(0.8, 1.15);
  uint32_t seed = setting.random.word();
  return [=](Point p) {
    double t = std::clamp((p.y - horizon) / 0.6, 0.0, 1.0), wave = wave_noise(p, horizon, seed);
    Colour water = mix(Colour{0.80, 0.40, 0.40}, Colour{0.28, 0.17, 0.44}, std::sqrt(t)) * (1 + 0.25 * wave);
    double path = std::exp(-std::abs(p.x - sun_x) / (0.06 + 0.16 * t));
    return mix(water, Colour{1.0, 0.78, 0.38}, smoothstep(0.35, 0.8, path * (0.9 + 0.7 * wave))) * light;
  };
}

Material grass(Setting& setting) {
  double light = setting.draw_brightness(0.65, 1.3), blades = setting.random.uniform(26, 34);
  uint32_t seed = setting.random.word();
  return [=](Point p) {
    double patch = fractal_noise(3 * p.x, 4 * p.y, seed);
    double lean = 0.02 * value_noise(6 * p.x, 6 * p.y, seed + 3);
    double blade = value_noise(blades * (p.x + lean), 7.5 * p.y, seed + 4) +
                   0.6 * value_noise(1.7 * blades * (p.x - lean), 13 * p.y, seed + 5);
    double t = std::clamp(0.45 + 0.25 * patch + 0.4 * blade, 0.0, 1.0);
    return mix(Colour{0.10, 0.33, 0.05}, Colour{0.52, 0.80, 0.20}, t) * light;
  };
}

Material sand(Setting& setting) {
  double light = setting.draw_brightness(0.7, 1.08), ripples = setting.random.uniform(9, 13);
  double slant = setting.random.uniform(-0.25, 0.25);
  uint32_t seed = setting.random.word();
  return [=](Point p) {
    double bend = 0.07 * fractal_noise(3 * p.x, 3 * p.y, seed);
    double ripple = std::sin(2 * 3.14159265 * ripples * (p.y + slant * p.x + bend));
    double grain = value_noise(58 * p.x, 58 * p.y, seed + 3);
    double t = std::clamp(0.55 + 0.2 * ripple + 0.32 * grain, 0.0, 1.0);
    return mix(Colour{0.72, 0.52, 0.25}, Colour{1.0, 0.88, 0.60}, t) * light;
  };
}

Material lavender(Setting& setting, double horizon) {
  double light = setting.draw_brightness(0.7, 1.2), rows = setting.random.uniform(2.2, 3.2);
  double vanish = setting.random.uniform(0.2, 0.8);
  uint32_t seed = setting.random.word();
  return [=](Point p) {
    double near = std::max(p.y - horizon, 0.0) + 0.09;
    double row = std::sin(2 * 3.14159265 * rows * (p.x - vanish) / near * 0.42);
    double spikes = value_noise(34 * p.x, 16 * p.y, seed) + 0.5 * value_noise(60 * p.x, 30 * p.y, seed + 1);
    Colour flower = mix(Colour{0.33, 0.16, 0.52}, Colour{0.74, 0.52, 0.95}, std::clamp(0.5 + 0.5 * spikes, 0.0, 1.0));
    Colour leaf = Colour{0.30, 0.45, 0.20} * (0.9 + 0.3 * spikes);
    return mix(leaf, flower, smoothstep(-0.75, -0.2, row + 0.25 * spikes)) * light;
  };
}

Material foliage(Setting& setting) {
  double light = setting.draw_brightness(0.6, 1.3), leaves = setting.random.uniform(17, 23);
  uint32_t seed = setting.random.word();
  return [=](Point p) {
    NearestPoint leaf = nearest_point(leaves * p.x, leaves * p.y, seed);
    double t = std::clamp(1.0 - 1.15 * leaf.distance + 0.35 * (leaf.value - 0.5), 0.0, 1.0);
    return mix(Colour{0.06, 0.24, 0.06}, Colour{0.38, 0.68, 0.18}, t) * light;
  };
}

Material blossom(Setting& setting) {
  double light = setting.draw_brightness(0.6, 1.0), flowers = setting.random.uniform(13, 17);
  uint32_t seed = setting.random.word();
  return [=](Point p) {
    NearestPoint flower = nearest_point(flowers * p.x, flowers * p.y, seed);
    double petal = smoothstep(0.52, 0.38, flower.distance), heart = smoothstep(0.16, 0.10, flower.distance);
    Colour pink = mix(Colour{0.96, 0.50, 0.68}, Colour{1.0, 0.76, 0.86}, flower.value);
    return mix(mix(Colour{0.60, 0.20, 0.38}, pink, petal), Colour{0.75, 0.22, 0.42}, 0.8 * heart) * light;
  };
}

}  // namespace cuunet::scenes
